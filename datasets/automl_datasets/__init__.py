"""What the data is: reading, splitting, profiling and preparing labelled samples."""
