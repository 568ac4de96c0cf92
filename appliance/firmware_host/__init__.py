"""The host side of the reader: readers, scanner, keypad, indicator."""
