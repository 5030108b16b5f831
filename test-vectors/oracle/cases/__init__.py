"""The cases of each file, one module for each subject. `files()` yields (name, kind, source, description, cases)."""
