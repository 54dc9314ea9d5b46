/* listen/worker_thread.h
 * One thread: a server loop with the worker's loop nested in it. */
#pragma once
#include "listen/parts.h"

/* Starts it; it is THREAD_SERVING or THREAD_FAILED soon, which server->changed tells. False when
 * the system has no thread to give. `tls` (taken) may be NULL. */
bool worker_thread_start(struct worker_thread *thread, SSL_CTX *tls, struct error *err);
/* From any thread, while it serves: no new connections, idle ones end. */
void worker_thread_drain(struct worker_thread *thread);
/* Likewise: throws out what is left and ends. */
void worker_thread_stop(struct worker_thread *thread);
/* Likewise: uses `tls` (taken) for new connections. */
void worker_thread_set_tls(struct worker_thread *thread, SSL_CTX *tls);
