#ifndef IMAP_ETPAN_H
#define IMAP_ETPAN_H

#include <libetpan/libetpan.h>

/*
 * What libetpan exports without declaring it in an installed header.  This
 * is the one place that declares it; seen in 1.9.4 (and back to 1.1).
 */

/* Counts im->imap_tag up and writes it and a blank to im->imap_stream. */
int mailimap_send_current_tag(mailimap *im);
/* Reads one line into im->imap_stream_buffer; NULL when the line is lost. */
char *mailimap_read_line(mailimap *im);
/* Goes on from the line just read to the one tagged im->imap_tag; BAD is
 * MAILIMAP_ERROR_PROTOCOL. */
int mailimap_parse_response(mailimap *im, struct mailimap_response **r);

#endif
