/* store/store_ballast.h
 * Disk space held back in a file, so that what frees space can still be written when the disk is
 * full: a delete needs new pages before it gives any back. */
#pragma once
#include <stdbool.h>

enum { STORE_BALLAST_BYTES = 4 << 20 };

/* Fills folder/ballast; false when the disk has no room for it. True, too, where the file system
 * cannot reserve space: there is nothing to be had there. */
bool store_ballast_fill(const char *folder);
/* Gives its space to whoever writes next. */
void store_ballast_spend(const char *folder);
