"""Where trials run: processes of their own, watched from outside."""
