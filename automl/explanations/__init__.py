"""What a trained model looks like inside and what it looked at, computed once."""
