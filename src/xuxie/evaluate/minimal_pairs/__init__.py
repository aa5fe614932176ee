"""Minimal pairs: does the model find the good one of two sentences likelier?"""
