# The two functions every folder's CMakeLists.txt is made of, and the flags behind them.

add_library(lathe_warnings INTERFACE)
target_compile_options(lathe_warnings INTERFACE
  -Wall -Wextra           # the usual suspects
  -Wshadow                # a shadowed member is a silent bug
  -Wnon-virtual-dtor      # interfaces are deleted through their base
  -Wold-style-cast        # a cast must say what it does
  -Woverloaded-virtual    # a hidden overload is never meant
  # g++ 12 warns wrongly at -O3: -Wrestrict on `"text" + std::string` (GCC bug 105651), and -Wnull-dereference,
  # which is therefore not asked for, on std::vector::back().
  -Wno-restrict
  $<$<CONFIG:Release>:-Wno-stringop-overflow> # the same bug in other clothes, in optimised builds only
  # Those that follow values through the optimiser only warn.
  "$<$<BOOL:${LATHE_WERROR}>:-Werror;-Wno-error=maybe-uninitialized;-Wno-error=array-bounds>")

add_library(lathe_flags INTERFACE)
target_include_directories(lathe_flags INTERFACE ${CMAKE_SOURCE_DIR} ${CMAKE_BINARY_DIR}/generated)
target_compile_definitions(lathe_flags INTERFACE
  QT_NO_KEYWORDS                   # Qt's `slots` and `signals` collide with LibTorch
  QT_NO_CAST_TO_ASCII
  QT_NO_CAST_FROM_BYTEARRAY)
# Fused multiply-add contraction would let the compiler change the numbers with the optimisation level.
target_compile_options(lathe_flags INTERFACE -ffp-contract=off)
if(LATHE_SANITIZE)
  target_compile_options(lathe_flags INTERFACE -fsanitize=${LATHE_SANITIZE} -fno-omit-frame-pointer -g1)
  target_link_options(lathe_flags INTERFACE -fsanitize=${LATHE_SANITIZE})
endif()

find_program(LATHE_CCACHE ccache)
if(LATHE_CCACHE)
  set(CMAKE_CXX_COMPILER_LAUNCHER
      ${CMAKE_COMMAND} -E env CCACHE_SLOPPINESS=pch_defines,time_macros,include_file_mtime,include_file_ctime
      CCACHE_BASEDIR=${CMAKE_SOURCE_DIR} CCACHE_NOHASHDIR=1 ${LATHE_CCACHE})
endif()
find_program(LATHE_MOLD mold)
if(LATHE_MOLD)
  add_link_options(-fuse-ld=mold)  # libtorch_cpu.so is 440 MB: the default linker takes seconds for each test
endif()

# Qt 6.4's moc stops with a parse error inside libstdc++'s <concepts>; it needs nothing from there, so it is
# told that the header was read already.
set(CMAKE_AUTOMOC_MOC_OPTIONS -D_GLIBCXX_CONCEPTS=1)

# lathe_library(name SOURCES a.cpp … LINKS target … [PRIVATE_LINKS target …] [TORCH] [QT])
#   TORCH: uses LibTorch with the shared precompiled header. QT: runs moc.
function(lathe_library name)
  cmake_parse_arguments(ARG "TORCH;QT" "" "SOURCES;LINKS;PRIVATE_LINKS" ${ARGN})
  add_library(${name} STATIC ${ARG_SOURCES})
  target_link_libraries(${name} PUBLIC lathe_flags ${ARG_LINKS} PRIVATE lathe_warnings ${ARG_PRIVATE_LINKS})
  set_target_properties(${name} PROPERTIES POSITION_INDEPENDENT_CODE ON)
  if(ARG_QT)
    set_target_properties(${name} PROPERTIES AUTOMOC ON)
  endif()
  if(ARG_TORCH)
    lathe_use_torch(${name})
  endif()
endfunction()

# lathe_test(name SOURCES a.cpp … LINKS target … [LABELS label …] [TIMEOUT seconds] [TORCH] [GUI])
#   The test is an executable `name` made of Qt Test cases, whose classes stand in name.cpp; it runs offscreen.
function(lathe_test name)
  cmake_parse_arguments(ARG "TORCH;GUI" "TIMEOUT" "SOURCES;LINKS;LABELS" ${ARGN})
  add_executable(${name} ${ARG_SOURCES})
  target_link_libraries(${name} PRIVATE lathe_flags lathe_warnings lathe_test_support Qt6::Test ${ARG_LINKS})
  set_target_properties(${name} PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/tests)
  # AUTOMOC would let moc read every header, and compile one file more for each test. A test's classes need neither.
  set(moc ${CMAKE_CURRENT_BINARY_DIR}/moc/${name}.moc)
  file(MAKE_DIRECTORY ${CMAKE_CURRENT_BINARY_DIR}/moc)
  add_custom_command(OUTPUT ${moc} COMMAND Qt6::moc ${CMAKE_CURRENT_SOURCE_DIR}/${name}.cpp -o ${moc}
    DEPENDS ${name}.cpp VERBATIM)
  target_sources(${name} PRIVATE ${moc})
  target_include_directories(${name} PRIVATE ${CMAKE_CURRENT_BINARY_DIR}/moc)
  if(ARG_TORCH)
    lathe_use_torch(${name})
  endif()
  if(NOT ARG_LABELS)
    set(ARG_LABELS unit)
  endif()
  if(NOT ARG_TIMEOUT)
    set(ARG_TIMEOUT 120)
  endif()
  add_test(NAME ${name} COMMAND ${name})
  foreach(label IN LISTS ARG_LABELS)  # ninja tests_tsan builds just those
    if(NOT TARGET tests_${label})
      add_custom_target(tests_${label})
    endif()
    add_dependencies(tests_${label} ${name})
  endforeach()
  if(LATHE_SANITIZE MATCHES thread)
    set(sanitizer_environment ";TSAN_OPTIONS=suppressions=${CMAKE_SOURCE_DIR}/tests/support/tsan_suppressions.txt")
  endif()
  set_tests_properties(${name} PROPERTIES LABELS "${ARG_LABELS}" TIMEOUT ${ARG_TIMEOUT}
    SKIP_RETURN_CODE 77
    ENVIRONMENT "QT_QPA_PLATFORM=offscreen;OMP_WAIT_POLICY=PASSIVE;QT_LOGGING_RULES=qt.qpa.*=false${sanitizer_environment}")
endfunction()
