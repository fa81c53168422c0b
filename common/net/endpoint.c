#include "net/endpoint.h"

#include <stddef.h>
#include <string.h>

const char *
endpoint_protocol(const struct endpoint *at)
{
	return at->location == NULL || strncmp(at->location, "imap", 4) == 0 ?
	    "imap" :
	    "smtp";
}
