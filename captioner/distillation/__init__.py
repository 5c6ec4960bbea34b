"""How the compact backbone is made: from a teacher, then from boxes and captions."""
