/* listen/acceptor.h
 * Takes connections off a listener: a bounded number a turn, none above the cap, and without
 * spinning when descriptors run out. */
#pragma once
#include "listen/parts.h"

/* Starts accepting from a duplicate of the listener's socket. `tls` (taken; may be NULL) is for its
 * connections. False when there is no descriptor for it. */
bool acceptor_open(struct acceptor *acceptor, struct worker_thread *thread,
                   struct listener *listener, SSL_CTX *tls, struct error *err);
/* Takes what still waits in the queue, then closes the socket. Does nothing on a closed one. */
void acceptor_close(struct acceptor *acceptor);
/* Frees the rest when no connection is left. */
void acceptor_release(struct acceptor *acceptor);
/* One of its connections has ended: there may be room again. */
void acceptor_connection_ended(struct acceptor *acceptor);
/* New connections use `tls` (taken); running ones keep theirs. */
void acceptor_set_tls(struct acceptor *acceptor, SSL_CTX *tls);
/* Opens the descriptor kept in reserve. */
int acceptor_reserve(void);
