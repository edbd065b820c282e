"""Who is told what happens in a search: trackers, and callbacks of a user's."""
