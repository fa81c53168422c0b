#ifndef UNIT_CAPTURE_H
#define UNIT_CAPTURE_H

/* What is written to standard output and error in between. */
struct capture {
	int saved[2];
	int file[2];
	char *out; /* after capture_end; the caller frees both */
	char *err;
};

void capture_begin(struct capture *c);
void capture_end(struct capture *c);
void capture_free(struct capture *c);

#endif
