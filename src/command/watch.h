/* command/watch.h
 * Tells when files of a configuration folder have changed (inotify(7)), after they have been quiet
 * for a moment, so that an editor's save is one change. */
#pragma once
#include "base/arena.h"

struct watch;

/* Gives a watch of the folder and its endpoints/, schemas/ and routing/; NULL when the kernel
 * refuses. Lives in the arena until watch_close. All functions take NULL and then do nothing. */
struct watch *watch_open(struct text folder, struct arena *arena);
void watch_close(struct watch *watch);
/* To be polled for input; -1 for NULL. */
int watch_fd(const struct watch *watch);
/* How long a poll may wait, at most limit_ms. */
int watch_wait_ms(const struct watch *watch, int limit_ms);
/* Whether something has changed and been quiet since; says so once. */
bool watch_changed(struct watch *watch);
