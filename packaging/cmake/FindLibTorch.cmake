# Finds the LibTorch that packaging/setup unpacked from the wheel and defines the target LibTorch::LibTorch.
# The wheel's own CMake package asks for a CUDA tool kit, hence this file. Only libtorch_cpu and libc10 are linked;
# libtorch_cuda is opened at run time where it is present.
#
#   LATHE_LIBTORCH_DIR   folder with torch/lib, torch/include and the CUDA run-time wheels' nvidia/cu13/lib
#   lathe_use_torch(t)   links t with LibTorch and reuses one precompiled header

if(NOT LATHE_LIBTORCH_DIR)
  if(DEFINED ENV{LATHE_LIBTORCH_DIR})
    set(LATHE_LIBTORCH_DIR $ENV{LATHE_LIBTORCH_DIR})
  elseif(DEFINED ENV{XDG_CACHE_HOME})
    set(LATHE_LIBTORCH_DIR $ENV{XDG_CACHE_HOME}/lathe/libtorch-2.15.0)
  else()
    set(LATHE_LIBTORCH_DIR $ENV{HOME}/.cache/lathe/libtorch-2.15.0)
  endif()
endif()
set(LATHE_LIBTORCH_DIR ${LATHE_LIBTORCH_DIR} CACHE PATH "Folder of the unpacked LibTorch wheel")

find_path(LibTorch_INCLUDE_DIR ATen/core/Tensor.h PATHS ${LATHE_LIBTORCH_DIR}/torch/include NO_DEFAULT_PATH)
find_library(LibTorch_CPU_LIBRARY torch_cpu PATHS ${LATHE_LIBTORCH_DIR}/torch/lib NO_DEFAULT_PATH)
find_library(LibTorch_C10_LIBRARY c10 PATHS ${LATHE_LIBTORCH_DIR}/torch/lib NO_DEFAULT_PATH)
if(LibTorch_INCLUDE_DIR AND EXISTS ${LibTorch_INCLUDE_DIR}/torch/headeronly/version.h)
  file(STRINGS ${LibTorch_INCLUDE_DIR}/torch/headeronly/version.h _version REGEX "define TORCH_VERSION_(MAJOR|MINOR|PATCH)")
  string(REGEX REPLACE "[^0-9]*([0-9]+)[^0-9]*([0-9]+)[^0-9]*([0-9]+).*" "\\1.\\2.\\3" LibTorch_VERSION "${_version}")
endif()

include(FindPackageHandleStandardArgs)
find_package_handle_standard_args(LibTorch
  REQUIRED_VARS LibTorch_CPU_LIBRARY LibTorch_C10_LIBRARY LibTorch_INCLUDE_DIR
  VERSION_VAR LibTorch_VERSION
  REASON_FAILURE_MESSAGE "Run packaging/setup first: it unpacks LibTorch into ${LATHE_LIBTORCH_DIR}.")

if(LibTorch_FOUND AND NOT TARGET LibTorch::LibTorch)
  set(LibTorch_RUNTIME_DIRS ${LATHE_LIBTORCH_DIR}/torch/lib ${LATHE_LIBTORCH_DIR}/nvidia/cu13/lib)
  add_library(LibTorch::LibTorch INTERFACE IMPORTED)
  target_include_directories(LibTorch::LibTorch SYSTEM INTERFACE
    ${LibTorch_INCLUDE_DIR} ${LibTorch_INCLUDE_DIR}/torch/csrc/api/include)
  target_link_libraries(LibTorch::LibTorch INTERFACE ${LibTorch_CPU_LIBRARY} ${LibTorch_C10_LIBRARY})
  # libtorch_cpu itself needs libcudart and libcupti: -rpath-link for the linker, -rpath for the loader.
  foreach(dir IN LISTS LibTorch_RUNTIME_DIRS)
    target_link_options(LibTorch::LibTorch INTERFACE "LINKER:-rpath-link,${dir}" "LINKER:-rpath,${dir}")
  endforeach()
  target_link_options(LibTorch::LibTorch INTERFACE "LINKER:--disable-new-dtags")
endif()

# One precompiled header for all Torch sources: <torch/types.h> alone costs 7 s a file without it.
function(lathe_use_torch target)
  if(NOT TARGET lathe_torch_pch)
    set(pch_source ${CMAKE_BINARY_DIR}/generated/torch_pch.cpp)
    file(CONFIGURE OUTPUT ${pch_source} CONTENT "// Owner of the precompiled header.\n")
    add_library(lathe_torch_pch OBJECT ${pch_source})
    target_link_libraries(lathe_torch_pch PUBLIC lathe_flags LibTorch::LibTorch)
    set_target_properties(lathe_torch_pch PROPERTIES POSITION_INDEPENDENT_CODE ON)
    target_compile_options(lathe_torch_pch PRIVATE -fpch-preprocess)
    target_precompile_headers(lathe_torch_pch PRIVATE <torch/types.h> <torch/csrc/autograd/custom_function.h>)
  endif()
  target_link_libraries(${target} PUBLIC LibTorch::LibTorch)
  # GCC takes a precompiled header only where it was made with the same options: -fPIC for executables too, which
  # CMake would compile with -fPIE.
  set_target_properties(${target} PROPERTIES POSITION_INDEPENDENT_CODE OFF)
  target_compile_options(${target} PRIVATE -fPIC -fpch-preprocess)
  target_precompile_headers(${target} REUSE_FROM lathe_torch_pch)
endfunction()
