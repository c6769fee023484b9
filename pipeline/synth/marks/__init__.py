"""What a field is made of beside its digits: print, other writing, paper, camera; a table of names in each file."""
