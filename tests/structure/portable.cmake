# cmake -DROOT=… -P portable.cmake
# No text in the repository names a path of one machine or the host of a package index: installing is left to the
# ordinary clients, which know their own. The patterns are put together here so that they do not find themselves.
# Lock files name the index they were resolved from; they are written by the client.
cmake_minimum_required(VERSION 3.25)

set(sl "/")
set(start "(^|[^A-Za-z0-9_.~}$/-])")
set(paths "${start}${sl}(home|root|Users|work)${sl}[A-Za-z.]")
string(JOIN "|" hosts "py[p]i\\.org" "pythonhoste[d]\\.org" "deb\\.debia[n]\\.org" "crates\\.i[o]" "npmj[s]\\.(org|com)")

file(GLOB_RECURSE files LIST_DIRECTORIES false RELATIVE ${ROOT} ${ROOT}/*)
list(APPEND files .ci/run .clang-format .clang-tidy .gitignore)
list(FILTER files EXCLUDE REGEX "^(build|\\.git|\\.cache|core/text/rust/target)/|(^|/)Cargo\\.lock$")
list(FILTER files EXCLUDE REGEX "\\.(safetensors|png|ico|icns|sqlite|db|gz|qm|npy|bin|user)$")
set(problems 0)
foreach(file IN LISTS files)
  file(STRINGS ${ROOT}/${file} lines REGEX "${paths}|${hosts}")
  if(lines)
    list(GET lines 0 first)
    string(SUBSTRING "${first}" 0 160 first)
    message("${file}: ${first}")
    math(EXPR problems "${problems} + 1")
  endif()
endforeach()
list(LENGTH files count)
if(problems OR count LESS 10)
  message(FATAL_ERROR "${problems} of ${count} files name a machine's path or a package index.")
endif()
message("None of ${count} files names a machine's path or a package index.")
