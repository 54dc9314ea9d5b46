/* listen/server.h
 * Sockets, TLS, HTTP/1.1 in and out: binds the public and the admin listener, runs one thread with
 * one loop per worker, guards the raw head, counts connections, watches for clients that leave, and
 * drains. Requests go to gateway/request.h. */
#pragma once
#include "gateway/gateway.h"

struct server;

/* Binds and loads certificates; no request is served yet. LISTEN_FDS (systemd) is honoured by the
 * caller passing listen_fd >= 0 instead of binding. NULL with *err saying which address and why. */
struct server *server_open(struct gateway *gateway, const struct settings *settings, int listen_fd,
                           struct error *err);
/* Starts the worker threads; returns when all are accepting. */
bool server_start(struct server *server, struct error *err);
/* The bound public address, "127.0.0.1:8080" or "[::1]:8080" (port resolved), and the admin one
 * ("unix:..." as is). */
struct text server_address(const struct server *server);
struct text server_admin_address(const struct server *server);
/* That of the admin listener for browsers; empty: there is none. */
struct text server_dashboard_address(const struct server *server);
/* That of metrics alone; empty: there is none. */
struct text server_metrics_address(const struct server *server);
/* No new connections; idle ones end, those in flight finish and close. */
void server_drain(struct server *server);
/* Waits until every connection has ended or `wait_ms` has passed; true when all have. */
bool server_wait_drained(struct server *server, uint32_t wait_ms);
/* Throws out what is left, ends the threads, frees everything. NULL does nothing. */
void server_close(struct server *server);
/* Reads certificate and key again for new connections; the old stay in force on failure. */
bool server_reload_tls(struct server *server, struct error *err);
/* Connections now open, all workers. */
size_t server_connections(const struct server *server);
