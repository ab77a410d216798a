// axe on every page and state in the light theme.
import { check_theme } from './axe.mjs';

export default (context) => check_theme(context, 'light');
