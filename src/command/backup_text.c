#include "command/backup_text.h"

#include "base/clock.h"
#include "command/remote.h"
#include "document/member.h"

#include <stdio.h>

void backup_say(const struct backup *backup)
{
    char when[CLOCK_RFC3339_BYTES];
    const char *between = "";

    clock_rfc3339(backup->taken_ms, when);
    fprintf(stderr, "%.1f MiB as of %.*s: ", (double)backup->bytes / (1 << 20), (int)sizeof when,
            when);
    for (size_t i = 0; i < backup->table_count; i++) {
        const struct store_table *table = &backup->tables[i];

        if (table->records == 0 || text_equal(table->name, TEXT("meta")))
            continue;
        fprintf(stderr, "%s%llu %.*s", between, (unsigned long long)table->records,
                TEXT_ARG(table->name));
        between = ", ";
    }
    fprintf(stderr, "%s\n", between[0] == '\0' ? "an empty store" : "");
}

static void print_row(const struct document *document, uint32_t backup)
{
    struct text when = member_text(document, backup, "taken_at");
    uint32_t bytes = document_member(document, backup, TEXT("bytes"));

    printf("%-24.*s  ", TEXT_ARG(member_text(document, backup, "name")));
    if (when.len == 0 || bytes == CELL_NONE || document->cells[bytes].type != CELL_INTEGER)
        printf("unreadable\n");
    else
        printf("%.*s  %10.1f MiB\n", TEXT_ARG(when),
               (double)document->cells[bytes].integer / (1 << 20));
}

void backup_print_list(const struct document *document)
{
    remote_each(document, print_row);
}
