/* config/tls_files.h
 * Private to config: looking into PEM files before anything depends on them. */
#pragma once
#include "config/load.h"

/* A file and the cell that names it; CELL_NONE: none does. */
struct tls_file {
    uint32_t cell;
    struct text path; /* absolute, or relative to the configuration folder */
};

/* Whether `certificate` holds a certificate and `key` its private key; reports at the cells that
 * name them. Where one is not named, false, after the other has been looked at alone. */
bool tls_files_check(struct load *load, const struct document *document,
                     const struct tls_file *certificate, const struct tls_file *key);
/* Whether a file holds certificates to trust. */
bool tls_anchors_check(struct load *load, const struct document *document, uint32_t cell,
                       struct text path);
