/* mockprovider/worker.h
 * A thread with one loop, one listening socket and the connections that the kernel gave it. */
#pragma once
#include "script.h"

#include <netinet/in.h>
#include <pthread.h>
#include <stdatomic.h>

struct worker {
    pthread_t thread;
    const struct script *script; /* kept */
    int listener;
    int stopping;      /* eventfd that all workers watch */
    uint64_t requests; /* read it when the thread has ended */
};

/* Binds with SO_REUSEPORT; *address is changed to what was bound. Returns -1 with errno set. */
int worker_listen(struct sockaddr_in *address);
/* The loop; returns when `stopping` is readable. */
void *worker_run(void *worker);
