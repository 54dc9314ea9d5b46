/* transport/http_dialer.h
 * Drives libcurl's handles over a thread's loop while they connect. They stand in groups of at most
 * 64, each a multi handle, because many of libcurl's operations walk all connections of a group. */
#pragma once
#include "base/loop.h"

#include <curl/curl.h>

struct dialer;
struct dial_group;

/* Gives a dialer on a loop (kept). `dialled` is called from the loop for each handle that has
 * connected or failed to; the handle stays in its group. Starts libcurl once per process. */
struct dialer *dialer_open(struct loop *loop, void (*dialled)(CURL *easy, CURLcode result));
/* Every handle must have been removed. */
void dialer_close(struct dialer *dialer);
struct loop *dialer_loop(const struct dialer *dialer);

/* Starts to connect a handle; gives the group it is in. */
struct dial_group *dialer_add(struct dialer *dialer, CURL *easy);
/* Takes a handle out: libcurl closes its connection. Not from inside a call-back of libcurl. */
void dialer_remove(struct dial_group *group, CURL *easy);
/* The descriptor will be watched by, or given back to, somebody else: libcurl's interest in it
 * ends. */
void dialer_unwatch(struct dial_group *group, int fd);
/* Frees the groups that served a peak. Not from inside `dialled`. */
void dialer_trim(struct dialer *dialer);
