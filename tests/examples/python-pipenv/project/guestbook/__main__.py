from guestbook import entry

print(entry("Ada", "a first line"))
