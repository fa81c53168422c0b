# Prints C with comments blanked and strings emptied, line for line, each line
# after "file:line:", so that what the other parts find is code.
FNR == 1 { inside = 0 }
{
	out = ""
	n = length($0)
	for (i = 1; i <= n; i++) {
		c = substr($0, i, 1)
		two = substr($0, i, 2)
		if (inside) {
			if (two == "*/") {
				inside = 0
				i++
			}
		} else if (two == "/*") {
			inside = 1
			out = out " "
			i++
		} else if (two == "//") {
			break
		} else if (c == "\"" && $0 !~ /^[ \t]*#[ \t]*include/) {
			for (i++; i <= n && substr($0, i, 1) != "\""; i++)
				if (substr($0, i, 1) == "\\")
					i++
			out = out "\"\""
		} else if (c == "'") {
			for (i++; i <= n && substr($0, i, 1) != "'"; i++)
				if (substr($0, i, 1) == "\\")
					i++
			out = out "''"
		} else {
			out = out c
		}
	}
	print FILENAME ":" FNR ":" out
}
