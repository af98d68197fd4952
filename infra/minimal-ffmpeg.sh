#!/usr/bin/env bash
# Builds ffmpeg and ffprobe with what reads sound and nothing else: no network, no video, no library beside libc.
#   infra/minimal-ffmpeg.sh SOURCE_FOLDER DESTINATION
# The source is a distribution's own, with its patches: apt-get source ffmpeg. The worker's image is built with this.
set -euo pipefail
[ $# = 2 ] && [ -x "$1/configure" ] || { sed -n '2,4s/^# \{0,1\}//p' "$0" >&2; exit 2; }
mkdir -p "$2"
destination=$(cd "$2" && pwd)
cd "$1"

# By the files that src/OpenMU.Music/AudioFileTypes.cs takes for audio, and what is found in them.
demuxers=aac,ac3,aiff,amr,amrnb,amrwb,ape,asf,au,avi,caf,dsf,dts,dtshd,eac3,flac,iff,loas,matroska,mlp,mov,mp3,mpc,mpc8,mpegps,mpegts,ogg,tak,truehd,tta,voc,w64,wav,wv,xwma
decoders=aac,aac_latm,ac3,eac3,dca,alac,als,amrnb,amrwb,ape,atrac1,atrac3,atrac3p,cook,dsd_lsbf,dsd_lsbf_planar,dsd_msbf,dsd_msbf_planar,dst,flac,g722,gsm,gsm_ms,mlp,mp1,mp1float,mp2,mp2float,mp3,mp3float,mp3adu,mp3on4,mpc7,mpc8,nellymoser,opus,qdm2,qdmc,shorten,tak,truehd,tta,vorbis,wavpack,wmalossless,wmapro,wmav1,wmav2,wmavoice
pcm=pcm_alaw,pcm_mulaw,pcm_bluray,pcm_dvd,pcm_f16le,pcm_f24le,pcm_f32be,pcm_f32le,pcm_f64be,pcm_f64le,pcm_lxf,pcm_s16be,pcm_s16be_planar,pcm_s16le,pcm_s16le_planar,pcm_s24be,pcm_s24daud,pcm_s24le,pcm_s24le_planar,pcm_s32be,pcm_s32le,pcm_s32le_planar,pcm_s64be,pcm_s64le,pcm_s8,pcm_s8_planar,pcm_u16be,pcm_u16le,pcm_u24be,pcm_u24le,pcm_u32be,pcm_u32le,pcm_u8,pcm_vidc
adpcm=adpcm_g726,adpcm_g726le,adpcm_ima_qt,adpcm_ima_wav,adpcm_ms,adpcm_swf,adpcm_yamaha
parsers=aac,aac_latm,ac3,amr,cook,dca,flac,gsm,mlp,mpegaudio,opus,sipr,tak,vorbis

./configure --prefix="$destination" --disable-everything --disable-autodetect --disable-network --disable-doc \
  --disable-debug --disable-ffplay --disable-avdevice --disable-swscale --disable-postproc \
  --enable-protocol=file,pipe --enable-demuxer="$demuxers" --enable-decoder="$decoders,$pcm,$adpcm" \
  --enable-parser="$parsers" --enable-encoder=pcm_f32le --enable-muxer=pcm_f32le \
  --enable-filter=aresample,pan,aformat,anull,abuffer,abuffersink,atrim >/dev/null
make -s -j"$(nproc)" ffmpeg ffprobe
install -s -D -t "$destination/bin" ffmpeg ffprobe
