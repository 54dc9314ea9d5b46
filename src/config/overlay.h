/* config/overlay.h
 * Private to config: a folder whose files are in memory, such as an old version of an endpoint, or
 * one with some files as they are meant to be; secrets, certificates and variables are those of the
 * folder below. */
#pragma once
#include "config/config.h"
#include "config/folder.h"
#include "store/history_record.h"

struct folder_overlay {
    struct folder folder; /* first */
    struct folder *below;
    const struct history_file *files; /* by path, each once */
    size_t count;
    struct text settings; /* bytes of pinion.yaml; nothing at NULL: there is none */
    bool through;         /* what is not among the files is as the folder below has it */
    /* Of those in endpoints/ and in tests/, only this one is listed; empty: all are. Then
     * pinion.yaml is never the one of the folder below. */
    struct text endpoint, tests;
    /* Somebody far away wrote the files: of what they name, the folder below gives only what is
     * made of files such as theirs, or what endpoints in force are made of. NULL: all of it. */
    const struct config *current;
};
/* Files may be there several times. All is kept; in the arena there is a list of the files. */
void folder_overlay_init(struct folder_overlay *overlay, struct folder *below,
                         const struct history_file *files, size_t count, struct text settings,
                         struct arena *arena);
