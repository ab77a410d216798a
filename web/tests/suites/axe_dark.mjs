// axe on every page and state in the dark theme.
import { check_theme } from './axe.mjs';

export default (context) => check_theme(context, 'dark');
