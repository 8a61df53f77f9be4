package lib.scan;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import lib.scan.Finding.Evidence;

/**
 * The Debian packages that a native dependency needs to be built, by the name it has in the build files of C, Rust, Go and Haskell.
 *
 * <p>Knows names only; whether a dependency is there, and is not vendored, is for its language to say. An unknown name yields nothing.
 */
final class SystemPackages {
    private static final String OPENGL = "libgl1-mesa-dev xorg-dev";

    /** Names of CMake's {@code find_package}, in lower case. */
    private static final Map<String, String> CMAKE = table("""
            openssl=libssl-dev zlib=zlib1g-dev curl=libcurl4-openssl-dev boost=libboost-all-dev sqlite3=libsqlite3-dev unofficial-sqlite3=libsqlite3-dev
            libxml2=libxml2-dev png=libpng-dev jpeg=libjpeg-dev tiff=libtiff-dev freetype=libfreetype-dev fontconfig=libfontconfig1-dev
            sdl2=libsdl2-dev sdl2_image=libsdl2-image-dev sdl2_ttf=libsdl2-ttf-dev sdl2_mixer=libsdl2-mixer-dev glfw3=libglfw3-dev glew=libglew-dev
            opengl=libgl1-mesa-dev glm=libglm-dev x11=libx11-dev vulkan=libvulkan-dev qt5=qtbase5-dev qt6=qt6-base-dev
            protobuf=protobuf-compiler,libprotobuf-dev grpc=libgrpc++-dev,protobuf-compiler-grpc gtest=libgtest-dev,libgmock-dev gmock=libgmock-dev
            googletest=libgtest-dev,libgmock-dev benchmark=libbenchmark-dev catch2=catch2 doctest=doctest-dev cmocka=libcmocka-dev check=check
            cppunit=libcppunit-dev cpputest=cpputest criterion=libcriterion-dev fmt=libfmt-dev spdlog=libspdlog-dev nlohmann_json=nlohmann-json3-dev
            eigen3=libeigen3-dev opencv=libopencv-dev bzip2=libbz2-dev liblzma=liblzma-dev zstd=libzstd-dev lz4=liblz4-dev brotli=libbrotli-dev
            postgresql=libpq-dev mysql=default-libmysqlclient-dev hiredis=libhiredis-dev libevent=libevent-dev libuv=libuv1-dev
            yaml-cpp=libyaml-cpp-dev rapidjson=rapidjson-dev tbb=libtbb-dev mpi=libopenmpi-dev blas=libopenblas-dev lapack=liblapack-dev
            hdf5=libhdf5-dev alsa=libasound2-dev pkgconfig=pkg-config flex=flex bison=bison llvm=llvm-dev clang=libclang-dev gettext=gettext
            lua=liblua5.4-dev readline=libreadline-dev curses=libncurses-dev asio=libasio-dev cxxopts=libcxxopts-dev cli11=libcli11-dev
            pugixml=libpugixml-dev tinyxml2=libtinyxml2-dev pcre2=libpcre2-dev gflags=libgflags-dev glog=libgoogle-glog-dev absl=libabsl-dev
            re2=libre2-dev snappy=libsnappy-dev gsl=libgsl-dev fftw3=libfftw3-dev jsoncpp=libjsoncpp-dev expat=libexpat1-dev perl=perl
            libusb=libusb-1.0-0-dev bluez=libbluetooth-dev ffmpeg=libavcodec-dev,libavformat-dev,libavutil-dev,libswscale-dev
            libarchive=libarchive-dev icu=libicu-dev gmp=libgmp-dev mpfr=libmpfr-dev libsodium=libsodium-dev sodium=libsodium-dev zeromq=libzmq3-dev
            cppzmq=cppzmq-dev libgit2=libgit2-dev libssh2=libssh2-1-dev systemd=libsystemd-dev udev=libudev-dev dbus1=libdbus-1-dev
            """);

    /** Names of pkg-config, as meson's {@code dependency}, {@code pkg_check_modules}, {@code PKG_CHECK_MODULES} and cgo use them. */
    private static final Map<String, String> PKG_CONFIG = table("""
            openssl=libssl-dev libssl=libssl-dev libcrypto=libssl-dev zlib=zlib1g-dev libcurl=libcurl4-openssl-dev sqlite3=libsqlite3-dev
            libxml-2.0=libxml2-dev libxslt=libxslt1-dev libpng=libpng-dev libjpeg=libjpeg-dev libtiff-4=libtiff-dev freetype2=libfreetype-dev
            fontconfig=libfontconfig1-dev sdl2=libsdl2-dev glfw3=libglfw3-dev glew=libglew-dev gl=libgl1-mesa-dev egl=libegl1-mesa-dev
            x11=libx11-dev xcb=libxcb1-dev xrandr=libxrandr-dev xkbcommon=libxkbcommon-dev wayland-client=libwayland-dev
            wayland-server=libwayland-dev wayland-protocols=wayland-protocols pixman-1=libpixman-1-dev libdrm=libdrm-dev libinput=libinput-dev
            vulkan=libvulkan-dev gtk+-3.0=libgtk-3-dev gtk4=libgtk-4-dev glib-2.0=libglib2.0-dev gio-2.0=libglib2.0-dev gobject-2.0=libglib2.0-dev
            gmodule-2.0=libglib2.0-dev cairo=libcairo2-dev pango=libpango1.0-dev pangocairo=libpango1.0-dev gdk-pixbuf-2.0=libgdk-pixbuf-2.0-dev
            librsvg-2.0=librsvg2-dev libsoup-3.0=libsoup-3.0-dev webkit2gtk-4.1=libwebkit2gtk-4.1-dev json-glib-1.0=libjson-glib-dev
            protobuf=protobuf-compiler,libprotobuf-dev gtest=libgtest-dev,libgmock-dev gmock=libgmock-dev benchmark=libbenchmark-dev catch2=catch2
            catch2-with-main=catch2 cmocka=libcmocka-dev check=check cppunit=libcppunit-dev criterion=libcriterion-dev fmt=libfmt-dev
            spdlog=libspdlog-dev nlohmann_json=nlohmann-json3-dev eigen3=libeigen3-dev opencv4=libopencv-dev bzip2=libbz2-dev liblzma=liblzma-dev
            libzstd=libzstd-dev liblz4=liblz4-dev libbrotlidec=libbrotli-dev libpq=libpq-dev mysqlclient=default-libmysqlclient-dev
            hiredis=libhiredis-dev libevent=libevent-dev libuv=libuv1-dev yaml-0.1=libyaml-dev yaml-cpp=libyaml-cpp-dev tbb=libtbb-dev
            alsa=libasound2-dev libpulse=libpulse-dev portaudio-2.0=portaudio19-dev jack=libjack-dev sndfile=libsndfile1-dev ogg=libogg-dev
            vorbis=libvorbis-dev flac=libflac-dev opus=libopus-dev libavcodec=libavcodec-dev libavformat=libavformat-dev libavutil=libavutil-dev
            libswscale=libswscale-dev libswresample=libswresample-dev gstreamer-1.0=libgstreamer1.0-dev lua=liblua5.4-dev lua5.4=liblua5.4-dev
            lua5.1=liblua5.1-0-dev luajit=libluajit-5.1-dev readline=libreadline-dev ncurses=libncurses-dev ncursesw=libncurses-dev
            libpcre2-8=libpcre2-dev libpcre=libpcre3-dev libsystemd=libsystemd-dev libudev=libudev-dev dbus-1=libdbus-1-dev
            libusb-1.0=libusb-1.0-0-dev libzmq=libzmq3-dev fuse3=libfuse3-dev fuse=libfuse-dev libseccomp=libseccomp-dev libcap=libcap-dev
            libsodium=libsodium-dev gnutls=libgnutls28-dev nettle=nettle-dev libgcrypt=libgcrypt20-dev gpgme=libgpgme-dev json-c=libjson-c-dev
            jansson=libjansson-dev libarchive=libarchive-dev libgit2=libgit2-dev libssh2=libssh2-1-dev libssh=libssh-dev expat=libexpat1-dev
            icu-uc=libicu-dev icu-i18n=libicu-dev gmp=libgmp-dev mpfr=libmpfr-dev gsl=libgsl-dev fftw3=libfftw3-dev vips=libvips-dev
            libnotify=libnotify-dev libpcap=libpcap-dev mount=libmount-dev blkid=libblkid-dev uuid=uuid-dev libelf=libelf-dev libbpf=libbpf-dev
            libnl-3.0=libnl-3-dev libnl-genl-3.0=libnl-genl-3-dev polkit-gobject-1=libpolkit-gobject-1-dev gobject-introspection-1.0=libgirepository1.0-dev
            libselinux=libselinux1-dev libwebp=libwebp-dev harfbuzz=libharfbuzz-dev fribidi=libfribidi-dev tss2-esys=libtss2-dev
            """);

    /** Rust crates that link to a library of the system. */
    private static final Map<String, String> CRATES = table("""
            openssl-sys=pkg-config,libssl-dev pq-sys=libpq-dev mysqlclient-sys=pkg-config,default-libmysqlclient-dev libsqlite3-sys=libsqlite3-dev
            alsa-sys=pkg-config,libasound2-dev libudev-sys=pkg-config,libudev-dev libdbus-sys=pkg-config,libdbus-1-dev glib-sys=pkg-config,libglib2.0-dev
            gtk-sys=pkg-config,libgtk-3-dev gtk4-sys=pkg-config,libgtk-4-dev libadwaita-sys=libadwaita-1-dev cairo-sys-rs=pkg-config,libcairo2-dev
            pango-sys=pkg-config,libpango1.0-dev gdk-pixbuf-sys=pkg-config,libgdk-pixbuf-2.0-dev webkit2gtk-sys=libwebkit2gtk-4.1-dev
            soup3-sys=libsoup-3.0-dev javascriptcore-rs-sys=libjavascriptcoregtk-4.1-dev gstreamer-sys=libgstreamer1.0-dev,libgstreamer-plugins-base1.0-dev
            prost-build=protobuf-compiler tonic-build=protobuf-compiler clang-sys=libclang-dev librocksdb-sys=libclang-dev cmake=cmake nasm-rs=nasm
            yeslogic-fontconfig-sys=pkg-config,libfontconfig1-dev freetype-sys=pkg-config libpulse-sys=libpulse-dev jack-sys=libjack-dev
            sdl2-sys=libsdl2-dev zmq-sys=libzmq3-dev libgssapi-sys=libkrb5-dev pcap=libpcap-dev libseccomp-sys=libseccomp-dev
            libsystemd-sys=pkg-config,libsystemd-dev tss-esapi-sys=pkg-config,libtss2-dev ffmpeg-sys-next=libavcodec-dev,libavdevice-dev,libavfilter-dev,libavformat-dev,libavutil-dev,libswscale-dev
            x11=pkg-config,libx11-dev hidapi=pkg-config,libudev-dev rdkafka-sys=zlib1g-dev libpam-sys=libpam0g-dev pam-sys=libpam0g-dev
            selinux-sys=libselinux1-dev libfuse-sys=libfuse3-dev gpgme-sys=libgpgme-dev opencv=libopencv-dev xkbcommon-sys=libxkbcommon-dev
            libvips=libvips-dev magick_rust=libmagickwand-dev leptonica-sys=libleptonica-dev tesseract-sys=libtesseract-dev
            """);

    /** Go modules that call C libraries; those that bring the library's source are left out. */
    private static final Map<String, String> GO = table("""
            github.com/gotk3/gotk3=libgtk-3-dev github.com/diamondburned/gotk4/pkg=libgtk-4-dev,libgirepository1.0-dev
            github.com/veandco/go-sdl2=libsdl2-dev,libsdl2-image-dev,libsdl2-ttf-dev,libsdl2-mixer-dev fyne.io/fyne/v2=GL
            github.com/go-gl/glfw/v3.3/glfw=GL github.com/go-gl/glfw/v3.4/glfw=GL github.com/hajimehoshi/ebiten/v2=GL,libasound2-dev
            github.com/hajimehoshi/oto/v2=libasound2-dev github.com/ebitengine/oto/v3=libasound2-dev github.com/gopxl/beep/v2=libasound2-dev
            github.com/faiface/beep=libasound2-dev gioui.org=libwayland-dev,libx11-dev,libx11-xcb-dev,libxkbcommon-x11-dev,libgles2-mesa-dev,libegl1-mesa-dev,libxcursor-dev,libvulkan-dev
            github.com/h2non/bimg=libvips-dev github.com/davidbyttow/govips/v2=libvips-dev github.com/libgit2/git2go/v34=libgit2-dev
            github.com/google/gopacket=libpcap-dev github.com/gopacket/gopacket=libpcap-dev github.com/pebbe/zmq4=libzmq3-dev
            github.com/proglottis/gpgme=libgpgme-dev github.com/gordonklaus/portaudio=portaudio19-dev github.com/getlantern/systray=libayatana-appindicator3-dev
            github.com/webview/webview_go=libgtk-3-dev,libwebkit2gtk-4.1-dev gocv.io/x/gocv=libopencv-dev github.com/linxGnu/grocksdb=librocksdb-dev
            github.com/seccomp/libseccomp-golang=libseccomp-dev gopkg.in/gographics/imagick.v3=libmagickwand-dev github.com/otiai10/gosseract/v2=libtesseract-dev,libleptonica-dev
            """);

    private SystemPackages() {}

    static List<String> ofCmake(String name) {
        return list(CMAKE.get(name.toLowerCase(Locale.ROOT)));
    }

    static List<String> ofPkgConfig(String name) {
        return list(PKG_CONFIG.get(name));
    }

    static List<String> ofCrate(String name) {
        return list(CRATES.get(name));
    }

    static Map<String, Evidence> ofGo(Map<String, Evidence> modules) {
        Map<String, Evidence> packages = new TreeMap<>();
        modules.forEach((module, evidence) -> list(GO.get(module)).forEach(p -> packages.putIfAbsent(p, evidence)));
        return packages;
    }

    /** A library by the name that Haskell's {@code extra-libraries} and {@code -l} give it. */
    static List<String> ofLibrary(String name) {
        Optional<List<String>> asModule = List.of(name, "lib" + name).stream().map(SystemPackages::ofPkgConfig).filter(l -> !l.isEmpty()).findFirst();
        return asModule.orElse(switch (name) {
            case "z" -> List.of("zlib1g-dev");
            case "pq" -> List.of("libpq-dev");
            case "ssl", "crypto" -> List.of("libssl-dev");
            case "curl" -> List.of("libcurl4-openssl-dev");
            case "bz2" -> List.of("libbz2-dev");
            case "lzma" -> List.of("liblzma-dev");
            default -> List.of();
        });
    }

    private static List<String> list(String packages) {
        return packages == null ? List.of() : List.of(packages.replace("GL", OPENGL.replace(' ', ',')).split(","));
    }

    private static Map<String, String> table(String text) {
        Map<String, String> table = new LinkedHashMap<>();
        for (String entry : text.strip().split("\\s+")) {
            int cut = entry.indexOf('=');
            table.put(entry.substring(0, cut), entry.substring(cut + 1));
        }
        return table;
    }
}
