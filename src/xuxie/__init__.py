"""xuxie (续写): from a team's own Chinese text to a versioned, evaluated language model."""
