# bash completion of offhook(8). The daemon itself says what can follow.
_offhook()
{
	local cur=${COMP_WORDS[COMP_CWORD]} i=1 socket=()

	COMPREPLY=()
	while [ $i -lt "$COMP_CWORD" ]; do
		case ${COMP_WORDS[i]} in
		-s | --socket)
			if [ $((i + 1)) -eq "$COMP_CWORD" ]; then
				mapfile -t COMPREPLY < <(compgen -f -- "$cur")
				return
			fi
			socket=(-s "${COMP_WORDS[i + 1]}")
			i=$((i + 2))
			;;
		-*) i=$((i + 1)) ;;
		*) break ;;
		esac
	done
	if [ $i -eq "$COMP_CWORD" ] && [[ $cur == -* ]]; then
		mapfile -t COMPREPLY < <(compgen -W '-s --socket -j --json -V --version -h --help' -- "$cur")
		return
	fi
	mapfile -t COMPREPLY < <("${COMP_WORDS[0]}" "${socket[@]}" --complete "${COMP_WORDS[@]:i:COMP_CWORD-i+1}" 2> /dev/null)
}
complete -F _offhook offhook
