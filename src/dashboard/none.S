/* A program that is built without the dashboard has none of its files. */
#ifdef __CET__
#include <cet.h>
#endif
    .section .rodata
    .balign 8
    .global dashboard_table
    .type dashboard_table, %object
dashboard_table:
    .size dashboard_table, 0
    .global dashboard_table_count
    .type dashboard_table_count, %object
dashboard_table_count:
    .quad 0
    .size dashboard_table_count, 8

    .section .note.GNU-stack, "", %progbits
