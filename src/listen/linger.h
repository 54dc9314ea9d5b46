/* listen/linger.h
 * Closing a socket with unread bytes makes the kernel reset the connection, and the reset may
 * overtake the answer: a client that is told 413 while it still sends would see nothing but a
 * broken connection. So where we close in mid-request, a duplicate of the socket stays a while
 * after the library has closed its own: no more is sent, what comes is read and dropped, until the
 * client closes or its time is over. */
#pragma once
#include "listen/connection.h"

enum { LINGER_MS = 2000, LINGERS_MAX = 64 /* per thread; more are closed at once */ };

/* Prepares it, before the library closes the socket; the connection is not watched for hang-up any
 * more. Twice is once. */
void linger_prepare(struct connection *connection);
/* The library has closed. */
void linger_begin(struct lingering *linger);
/* Ends all of a thread's. */
void lingers_end(struct worker_thread *thread);
