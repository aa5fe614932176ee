"""Stage: continues prompts."""
