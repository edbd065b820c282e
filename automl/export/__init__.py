"""The model that is handed over, proved before it is."""
