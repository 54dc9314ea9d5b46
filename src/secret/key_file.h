/* secret/key_file.h
 * Private to the ring: the file that its keys are in. */
#pragma once
#include "secret/key_ring.h"

/* The file's text, in secret memory; zeroed: it is empty, or does not exist. */
struct key_file {
    struct text words;
    size_t room;
    uint32_t owner, group; /* of a file that exists */
    bool there;
};
enum { KEY_FILE_BYTES_MAX = 65536 };

/* Gives its text. A file that does not exist is an empty one; ERROR_MASTER_KEY_UNUSABLE says why
 * another cannot be used. */
bool key_file_read(const struct key_source *source, struct key_file *out, struct error *err);
void key_file_release(struct key_file *file);
/* See key_ring_renew and key_ring_retire. */
bool key_file_put_first(const struct key_source *source, const struct master_key *key,
                        struct error *err);
bool key_file_keep_first(const struct key_source *source, struct text date, struct error *err);

/* Takes the next word that is no comment off the front of *rest; false when there is none. */
bool key_word_next(struct text *rest, struct text *out_word);
