#include <stdio.h>

#include "../src/checksum.h"

int main(void)
{
    unsigned long got = checksum((const unsigned char *) "123456789", 9);
    if (got != 0xcbf43926UL) {
        fprintf(stderr, "got %08lx\n", got);
        return 1;
    }
    return 0;
}
