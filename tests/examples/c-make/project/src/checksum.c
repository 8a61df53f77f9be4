#include "checksum.h"

#include <zlib.h>

unsigned long checksum(const unsigned char *bytes, size_t length)
{
    return crc32(0L, bytes, (unsigned int) length);
}
