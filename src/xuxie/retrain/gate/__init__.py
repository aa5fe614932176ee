"""Is the challenger better than the champion, and does it keep what must be kept?"""
