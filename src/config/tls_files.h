/* config/tls_files.h
 * Private to config: looking into PEM files before anything depends on them. */
#pragma once
#include "config/load.h"

/* Whether `certificate` holds a certificate and `key` its private key; reports at the cells that
 * name them. Paths may be absolute, or relative to the configuration folder. */
bool tls_files_check(struct load *load, const struct document *document, uint32_t certificate_cell,
                     struct text certificate, uint32_t key_cell, struct text key);
/* Whether a file holds certificates to trust. */
bool tls_anchors_check(struct load *load, const struct document *document, uint32_t cell,
                       struct text path);
