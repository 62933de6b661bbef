"""`python dev.py bench accuracy`: what the engine gets right on a folder of labelled pictures.

labels      what the CSV files say about the pictures
survey      what the engine says about them, each picture once
statistics  the figures: error rates, intervals, clusters; knows no pictures
The other modules make one section of the report each; `report` puts them together.
"""
