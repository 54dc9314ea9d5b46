/* trial/recordings.h
 * The recordings of a configuration folder, on disk. All of it blocks. */
#pragma once
#include "trial/recording.h"

/* Reads the test's file. *out_there: there is one. False with *err, whose `at` names the file, when
 * it cannot be used. */
bool recordings_read(struct text folder, struct text slug, struct text test, struct arena *arena,
                     struct recording *out, bool *out_there, struct error *err);
/* The files that an endpoint has there, in the arena, sorted; none where they cannot be listed. */
void recordings_list(struct text folder, struct text slug, struct arena *arena,
                     const struct text **out_paths, size_t *out_count);
enum recordings_change { RECORDINGS_SAME, RECORDINGS_WRITTEN, RECORDINGS_REMOVED };
/* Writes it as a whole, or removes the file of a test that asks nobody; *out_path is the file in
 * the folder. */
bool recordings_keep(struct text folder, const struct recording *recording, struct arena *arena,
                     enum recordings_change *out_change, struct text *out_path, struct error *err);
