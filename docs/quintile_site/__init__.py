"""What the documentation site shows of the code itself."""
