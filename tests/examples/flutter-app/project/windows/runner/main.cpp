#include <windows.h>

int APIENTRY wWinMain(HINSTANCE, HINSTANCE, wchar_t *, int) {
  return 0;
}
