/* base/random.h
 * Bytes from the kernel's generator. */
#pragma once
#include <stddef.h>
#include <stdint.h>

/* Fills `out` with `bytes` unpredictable bytes; a kernel that cannot give any is a CHECK. */
void random_fill(void *out, size_t bytes);
/* Unbiased number below `bound`, which is not 0. */
uint32_t random_below(uint32_t bound);
/* A secret drawn once per process, for hash tables whose keys others choose. */
uint64_t random_process_seed(void);
