"""The formats of the export: one module each, one entry each in `automl.run.formats`.

A module is also run by its file, in the proof, where neither this project nor what
`WITHOUT` names can be imported. So it imports the standard library and NumPy only, and
everything else inside its functions.
"""
