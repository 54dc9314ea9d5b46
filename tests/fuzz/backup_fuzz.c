/* The manifest of a backup from any bytes: what reads is written as it was read, and reads again.
 */
#include "base/check.h"
#include "store/backup.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct text json = {(const char *)data, size};
    struct arena arena = {0};
    struct buffer once = buffer_in(&arena), twice = buffer_in(&arena);
    struct backup backup;

    if (backup_read(json, &arena, &backup, NULL)) {
        CHECK(backup_name_valid(backup.name) && backup.sha256.len == 64);
        backup_put(&once, &backup);
        CHECK(backup_read(buffer_text(&once), &arena, &backup, NULL));
        backup_put(&twice, &backup);
        CHECK(text_equal(buffer_text(&once), buffer_text(&twice)));
    }
    arena_release(&arena);
    return 0;
}
