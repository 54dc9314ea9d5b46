/* base/file.h
 * What makes files last: whole writes, and names that survive a power cut. Both block. */
#pragma once
#include "base/text.h"

/* Writes all of it, whatever pieces the kernel takes; false with errno set. */
bool file_write_all(int fd, struct text bytes);
/* Makes the names in a folder durable; false with errno set. */
bool folder_sync(const char *path);
