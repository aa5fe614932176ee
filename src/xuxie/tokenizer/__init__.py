"""Stage: learns a vocabulary from the train split and turns every split into tokens."""
