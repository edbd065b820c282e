"""One trial at one fidelity: build, fit, measure, checkpoint. Runs inside a worker."""
