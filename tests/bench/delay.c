/*
 * delay: a line of a given round trip on loopback, as wide as the machine.
 *
 *   delay MS PORT
 *
 * listens on a port of its own, which it prints, and passes what comes to
 * PORT and back, each way MS/2 later. Nothing is dropped, and no rate is kept
 * to; a way holds at most WAY_MAX octets and then lets its sender wait. Two
 * threads a way: one stamps what it reads, the other sends it when it is due.
 */
#include <sys/socket.h>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>

#include <err.h>
#include <errno.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

enum {
	CHUNK = 1 << 16,
	WAY_MAX = 1 << 26,
	LATE_NS = 50000 /* what a sleep is longer than asked for */
};

struct chunk {
	struct chunk *next;
	int64_t due; /* ns of the monotonic clock */
	size_t size; /* 0: the end */
	char bytes[CHUNK];
};

struct way {
	pthread_mutex_t lock;
	pthread_cond_t changed;
	struct chunk *first, **last;
	size_t held; /* octets */
	bool broken; /* nobody reads any more */
	int from, to;
	int64_t delay; /* ns */
	struct pair *pair;
};

/* A connection: freed, and its descriptors closed, by the last thread. */
struct pair {
	pthread_mutex_t lock;
	unsigned threads;
	struct way way[2];
};

static int64_t
now(void)
{
	struct timespec at;

	if (clock_gettime(CLOCK_MONOTONIC, &at) != 0)
		err(71, "clock");
	return (int64_t)at.tv_sec * 1000000000 + at.tv_nsec;
}

static void
sleep_until(int64_t due)
{
	struct timespec at;

	due -= LATE_NS;
	at.tv_sec = due / 1000000000;
	at.tv_nsec = due % 1000000000;
	while (
	    clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &at, NULL) == EINTR)
		;
}

static void
pair_leave(struct pair *pair)
{
	bool last;

	pthread_mutex_lock(&pair->lock);
	last = --pair->threads == 0;
	pthread_mutex_unlock(&pair->lock);
	if (!last)
		return;
	close(pair->way[0].from);
	close(pair->way[0].to);
	free(pair);
}

/* False when the way leads nowhere any more. Takes the chunk. */
static bool
way_put(struct way *way, struct chunk *chunk)
{
	bool broken;

	pthread_mutex_lock(&way->lock);
	while (way->held > WAY_MAX && !way->broken)
		pthread_cond_wait(&way->changed, &way->lock);
	broken = way->broken;
	if (!broken) {
		*way->last = chunk;
		way->last = &chunk->next;
		way->held += chunk->size;
		pthread_cond_broadcast(&way->changed);
	}
	pthread_mutex_unlock(&way->lock);
	if (broken)
		free(chunk);
	return !broken;
}

static struct chunk *
way_get(struct way *way)
{
	struct chunk *chunk;

	pthread_mutex_lock(&way->lock);
	while (way->first == NULL)
		pthread_cond_wait(&way->changed, &way->lock);
	chunk = way->first;
	way->first = chunk->next;
	if (way->first == NULL)
		way->last = &way->first;
	way->held -= chunk->size;
	pthread_cond_broadcast(&way->changed);
	pthread_mutex_unlock(&way->lock);
	return chunk;
}

static void *
way_read(void *arg)
{
	struct way *way = arg;
	bool more = true;

	while (more) {
		struct chunk *chunk = malloc(sizeof(*chunk));
		ssize_t size;

		if (chunk == NULL)
			err(70, "chunk");
		size = recv(way->from, chunk->bytes, CHUNK, 0);
		chunk->next = NULL;
		chunk->size = size > 0 ? (size_t)size : 0;
		chunk->due = now() + way->delay;
		more = size > 0;
		if (!way_put(way, chunk))
			more = false;
	}
	pair_leave(way->pair);
	return NULL;
}

static bool
send_all(int fd, const char *bytes, size_t size)
{
	while (size > 0) {
		ssize_t done = send(fd, bytes, size, MSG_NOSIGNAL);

		if (done <= 0)
			return false;
		bytes += done;
		size -= (size_t)done;
	}
	return true;
}

static void *
way_write(void *arg)
{
	struct way *way = arg;
	bool more = true;

	while (more) {
		struct chunk *chunk = way_get(way);

		if (now() < chunk->due)
			sleep_until(chunk->due);
		more = chunk->size > 0 &&
		    send_all(way->to, chunk->bytes, chunk->size);
		free(chunk);
	}
	shutdown(way->to, SHUT_WR);
	shutdown(way->from, SHUT_RD);
	pthread_mutex_lock(&way->lock);
	way->broken = true;
	while (way->first != NULL) {
		struct chunk *chunk = way->first;

		way->first = chunk->next;
		free(chunk);
	}
	way->last = &way->first;
	pthread_cond_broadcast(&way->changed);
	pthread_mutex_unlock(&way->lock);
	pair_leave(way->pair);
	return NULL;
}

static void
start(void *(*work)(void *), struct way *way)
{
	pthread_t thread;

	if (pthread_create(&thread, NULL, work, way) != 0)
		errx(71, "no thread");
	pthread_detach(thread);
}

static void
pair_start(int client, int server, int64_t delay)
{
	struct pair *pair = calloc(1, sizeof(*pair));

	if (pair == NULL)
		err(70, "pair");
	pthread_mutex_init(&pair->lock, NULL);
	pair->threads = 4;
	for (int i = 0; i < 2; i++) {
		struct way *way = &pair->way[i];

		pthread_mutex_init(&way->lock, NULL);
		pthread_cond_init(&way->changed, NULL);
		way->last = &way->first;
		way->from = i == 0 ? client : server;
		way->to = i == 0 ? server : client;
		way->delay = delay;
		way->pair = pair;
	}
	for (int i = 0; i < 2; i++) {
		start(way_read, &pair->way[i]);
		start(way_write, &pair->way[i]);
	}
}

static int
loopback(struct sockaddr_in *at_r, uint16_t port)
{
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (fd < 0)
		err(71, "socket");
	*at_r = (struct sockaddr_in){ .sin_family = AF_INET };
	at_r->sin_port = htons(port);
	at_r->sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	return fd;
}

static void
quicken(int fd)
{
	int on = 1;

	if (setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on)) != 0)
		err(71, "TCP_NODELAY");
}

int
main(int argc, char **argv)
{
	struct sockaddr_in at, to;
	socklen_t size = sizeof(at);
	int64_t delay;
	int door, client, server;

	if (argc != 3)
		errx(64, "usage: delay MS PORT");
	delay = strtoll(argv[1], NULL, 10) * 1000000 / 2;
	door = loopback(&at, 0);
	if (bind(door, (struct sockaddr *)&at, sizeof(at)) != 0 ||
	    listen(door, 64) != 0 ||
	    getsockname(door, (struct sockaddr *)&at, &size) != 0)
		err(71, "listen");
	printf("%u\n", ntohs(at.sin_port));
	if (fflush(stdout) != 0)
		err(74, "output");
	while ((client = accept(door, NULL, NULL)) >= 0) {
		server = loopback(&to, (uint16_t)strtoul(argv[2], NULL, 10));
		if (connect(server, (struct sockaddr *)&to, sizeof(to)) != 0)
			err(69, "port %s", argv[2]);
		quicken(client);
		quicken(server);
		pair_start(client, server, delay);
	}
	err(71, "accept");
}
