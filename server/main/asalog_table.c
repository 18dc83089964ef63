/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The messages, by number (asa-reference 3.2), and the classes that "logging class" knows. */
#include <stdlib.h>
#include <string.h>

#include "server/main/asalog_table.h"

#define GUI "Group <$G> User <$U> IP <$P> "

static const struct asa_message messages[] = {
	{ 109201, 5, FROM_MAIN, "UAUTH: Session=$S, User=$U, Assigned IP=$1, Succeeded adding entry." },
	{ 109210, 5, FROM_MAIN, "UAUTH: Session=$S, User=$U, Assigned IP=$1, Succeeded removing entry." },
	{ 111008, 5, FROM_MAIN, "User '$1' executed the '$2' command." },
	{ 111009, 7, FROM_MAIN, "User '$1' executed cmd: $2" },
	{ 111010, 5, FROM_MAIN, "User '$1', running 'CLI' from IP 0.0.0.0, executed '$2'" },
	{ 113003, 6, FROM_CERTAUTH, "AAA group policy for user $1 is being set to $2" },
	{ 113004, 6, FROM_CERTAUTH, "AAA user authentication Successful : server =  $1 : user = $2" },
	{ 113005, 6, FROM_CERTAUTH, "AAA user authentication Rejected : reason = $1 : server = $3 : user = $H : user IP = $P" },
	{ 113006, 6, FROM_CERTAUTH, "User '$1' locked out on exceeding '$2' successive failed authentication attempts" },
	{ 113007, 6, FROM_CERTAUTH, "User '$1' unlocked by '$2'" },
	{ 113008, 6, FROM_CERTAUTH, "AAA transaction status ACCEPT : user = $1" },
	{ 113009, 6, FROM_MAIN, "AAA retrieved default group policy ($G) for user = $U" },
	{ 113011, 6, FROM_MAIN, "AAA retrieved user specific group policy ($G) for user = $U" },
	{ 113012, 6, FROM_CERTAUTH, "AAA user authentication Successful : local database : user = $1" },
	{ 113013, 6, FROM_CERTAUTH, "AAA unable to complete the request Error : reason = $1 : user = $2" },
	{ 113014, 6, FROM_AAA, "AAA authentication server not accessible : server = $1 : user = $2" },
	{ 113015, 6, FROM_CERTAUTH, "AAA user authentication Rejected : reason = $1 : local database : user = $H : user IP = $P" },
	{ 113019, 4, FROM_MAIN, "Group = $T, Username = $U, IP = $P, Session disconnected. Session Type: $1, Duration: $2, Bytes xmt: $3, Bytes rcv: $4, Reason: $R" },
	{ 113022, 2, FROM_AAA, "AAA Marking RADIUS server $1 in aaa-server group $2 as FAILED" },
	{ 113023, 2, FROM_AAA, "AAA Marking RADIUS server $1 in aaa-server group $2 as ACTIVE" },
	{ 113024, 5, FROM_CERTAUTH, "Group $1: Authenticating ssl-client connection from $P with username, $2, from client certificate" },
	{ 113025, 5, FROM_CERTAUTH, "Group $1: $2 Could not authenticate ssl-client connection from $P" },
	{ 113028, 7, FROM_CERTAUTH, "Extraction of username from VPN client certificate has $2.  [Request $1]" },
	{ 113029, 4, FROM_MAIN, "Group <$1> User <$2> IP <$P> Session could not be established: session limit of $3 reached." },
	{ 113035, 4, FROM_MAIN, GUI "Session terminated: AnyConnect not enabled or invalid AnyConnect image on the ASA" },
	{ 113036, 4, FROM_MAIN, GUI "AAA parameter $1 value invalid." },
	{ 113038, 4, FROM_MAIN, "Group <$1> User <$2> IP <$P> Unable to create AnyConnect parent session." },
	{ 113039, 6, FROM_MAIN, GUI "AnyConnect parent session started." },
	{ 113040, 4, FROM_MAIN, "Group <$1> User <$2> IP <$P> Terminating the VPN connection attempt from $3. Reason: This connection is group locked to $4." },
	{ 711001, 7, FROM_MAIN, "$1" },
	{ 716002, 6, FROM_MAIN, GUI "WebVPN session terminated: $1." },
	{ 716006, 6, FROM_MAIN, "Group <$1> User <$2> IP <$P> WebVPN session not allowed. WebVPN protocol is disabled for this user." },
	{ 716039, 6, FROM_WORKER, "Group <$1> User <$H> IP <$P> Authentication: rejected, Session Type: WebVPN." },
	{ 716052, 4, FROM_MAIN, GUI "Pending session terminated." },
	{ 716058, 6, FROM_MAIN, "Group <$T> User <$U> IP <$P> AnyConnect session lost connection. Waiting to resume." },
	{ 716059, 6, FROM_MAIN, "Group <$T> User <$U> IP <$1> AnyConnect session resumed connection from IP <$P>." },
	{ 716060, 6, FROM_MAIN, "Group <$T> User <$U> IP <$P> Terminated AnyConnect session in inactive state to accept a new connection: License limit reached." },
	{ 717002, 3, FROM_MAIN, "Certificate enrollment failed for trustpoint $1. Reason: $2." },
	{ 717003, 6, FROM_MAIN, "Certificate received from Certificate Authority for trustpoint $1." },
	{ 717004, 6, FROM_MAIN, "PKCS #12 export failed for trustpoint $1." },
	{ 717005, 6, FROM_MAIN, "PKCS #12 export succeeded for trustpoint $1." },
	{ 717006, 6, FROM_MAIN, "PKCS #12 import failed for trustpoint $1." },
	{ 717007, 6, FROM_MAIN, "PKCS #12 import succeeded for trustpoint $1." },
	{ 717009, 3, FROM_CERTAUTH, "Certificate validation failed. $1." },
	{ 717010, 3, FROM_REVOKER, "CRL polling failed for trustpoint $1." },
	{ 717012, 3, FROM_REVOKER, "Failed to refresh CRL cache entry from the server for trustpoint $1 at $D" },
	{ 717015, 3, FROM_REVOKER, "CRL received from $1 is too large to process (CRL size = $2, maximum CRL size = $3)" },
	{ 717018, 3, FROM_REVOKER, "CRL received from $1 has too many entries to process (number of entries = $2, maximum number allowed = $3)" },
	{ 717019, 3, FROM_REVOKER, "Failed to insert CRL for trustpoint $1. Reason: $2." },
	{ 717022, 6, FROM_CERTAUTH, "Certificate was successfully validated. serial number: $1, subject name:  $2." },
	{ 717023, 3, FROM_WORKER, "SSL failed to set device certificate for trustpoint $1. Reason: $2." },
	{ 717024, 7, FROM_REVOKER, "Checking CRL from trustpoint: $1 for $2" },
	{ 717025, 7, FROM_CERTAUTH, "Validating certificate chain containing $1 certificate(s)." },
	{ 717027, 3, FROM_CERTAUTH, "Certificate chain failed validation. $1." },
	{ 717028, 6, FROM_CERTAUTH, "Certificate chain was successfully validated with $1." },
	{ 717029, 7, FROM_CERTAUTH, "Identified client certificate within certificate chain. serial number: $1, subject name: $2." },
	{ 717030, 7, FROM_CERTAUTH, "Found a suitable trustpoint $1 to validate certificate." },
	{ 717031, 4, FROM_CERTAUTH, "Failed to find a suitable trustpoint for the issuer: $1 Reason: $2" },
	{ 717032, 3, FROM_REVOKER, "OCSP status check failed. Reason: $1." },
	{ 717033, 6, FROM_REVOKER, "OCSP response received." },
	{ 717036, 7, FROM_CERTAUTH, "Looking for a tunnel group match based on certificate maps for peer certificate with serial number: $1, subject name: $2, issuer_name: $3." },
	{ 717037, 4, FROM_CERTAUTH, "Tunnel group search using certificate maps failed for peer certificate: serial number: $1, subject name: $2, issuer_name: $3." },
	{ 717038, 7, FROM_CERTAUTH, "Tunnel group match found. Tunnel Group: $1, Peer certificate: serial number: $2, subject name: $3, issuer_name: $4." },
	{ 717054, 1, FROM_MAIN, "The $1 certificate in the trustpoint $2 is due to expire in $3 days. Expiration $4" },
	{ 717055, 1, FROM_MAIN, "The $1 certificate in the trustpoint $2 has expired. Expiration $3" },
	{ 722001, 4, FROM_WORKER, "IP <$P> Error parsing SVC connect request." },
	{ 722003, 4, FROM_WORKER, "IP <$P> Error authenticating SVC connect request." },
	{ 722011, 5, FROM_WORKER, GUI "SVC Message: 17/WARNING: $1." },
	{ 722012, 5, FROM_WORKER, GUI "SVC Message: 16/NOTICE: $1." },
	{ 722015, 4, FROM_WORKER, GUI "Unknown SVC frame type: $1" },
	{ 722016, 4, FROM_WORKER, GUI "Bad SVC frame length: $1 expected: $2" },
	{ 722017, 4, FROM_WORKER, GUI "Bad SVC framing: $1, reserved: $2" },
	{ 722018, 4, FROM_WORKER, GUI "Bad SVC protocol version: $1, expected: $2" },
	{ 722019, 4, FROM_WORKER, GUI "Not enough data for an SVC header: $1" },
	{ 722020, 3, FROM_MAIN, "TunnelGroup <$T> GroupPolicy <$G> User <$U> IP <$P> No address available for SVC connection" },
	{ 722022, 6, FROM_MAIN, GUI "$1 SVC connection established $2 compression" },
	{ 722023, 6, FROM_MAIN, GUI "$1 SVC connection terminated $2 compression" },
	{ 722028, 5, FROM_MAIN, GUI "Stale SVC connection closed." },
	{ 722029, 7, FROM_MAIN, GUI "SVC Session Termination: Conns: $1, DPD Conns: $2, Comp resets: 0, Dcmp resets: 0." },
	{ 722030, 7, FROM_MAIN, GUI "SVC Session Termination: In: $1 (+0) bytes, $2 (+0) packets, $3 drops." },
	{ 722031, 7, FROM_MAIN, GUI "SVC Session Termination: Out: $1 (+0) bytes, $2 (+0) packets, $3 drops." },
	{ 722032, 5, FROM_MAIN, GUI "New $1 SVC connection replacing old connection." },
	{ 722033, 5, FROM_MAIN, GUI "First $1 SVC connection established for SVC session." },
	{ 722034, 5, FROM_MAIN, GUI "New $1 SVC connection, no existing connection." },
	{ 722035, 3, FROM_WORKER, GUI "Received large packet $1 (threshold $2)." },
	{ 722036, 6, FROM_WORKER, GUI "Transmitting large packet $1 (threshold $2)." },
	{ 722037, 4, FROM_MAIN, GUI "SVC closing connection: $1." },
	{ 722038, 5, FROM_MAIN, GUI "SVC terminating session: $1." },
	{ 722041, 4, FROM_MAIN, "TunnelGroup <$T> GroupPolicy <$G> User <$U> IP <$P> No IPv6 address available for SVC connection" },
	{ 722043, 5, FROM_WORKER, GUI "DTLS disabled: unable to negotiate cipher" },
	{ 722050, 4, FROM_MAIN, "Group <$1> User <$2> IP <$P> Session terminated: SVC not enabled for the user" },
	{ 722051, 6, FROM_MAIN, GUI "IPv4 Address <$1> IPv6 address <$2> assigned to session" },
	{ 722053, 6, FROM_WORKER, GUI "Unknown client $1 connection" },
	{ 722055, 6, FROM_MAIN, GUI "Client Type: $1" },
	{ 725001, 6, FROM_WORKER, "Starting SSL handshake with client $C for $1 session" },
	{ 725002, 6, FROM_WORKER, "Device completed SSL handshake with client $C for $1 session" },
	{ 725004, 6, FROM_WORKER, "Device requesting certificate from SSL client $C for authentication" },
	{ 725006, 6, FROM_WORKER, "Device failed SSL handshake with client $C" },
	{ 725007, 6, FROM_WORKER, "SSL session with client $C terminated" },
	{ 725008, 7, FROM_MAIN, "SSL client $C proposes the following $1 cipher(s)" },
	{ 725010, 7, FROM_MAIN, "Device supports the following $1 cipher(s)" },
	{ 725011, 7, FROM_MAIN, "Cipher[$1] : $2" },
	{ 725012, 7, FROM_WORKER, "Device chooses cipher $1 for the SSL session with client $C" },
	{ 725014, 7, FROM_WORKER, "SSL lib error. Function: $1 Reason: $2" },
	{ 725015, 3, FROM_CERTAUTH, "Error verifying client certificate. Public key size in client certificate ($1 bits) exceeds the maximum supported key size of 4096 bits" },
	{ 725016, 6, FROM_WORKER, "Device selects trust-point $1 for client $C" },
	{ 725017, 7, FROM_WORKER, "No certificates received during the handshake with client $C for $1 session" },
	{ 725021, 7, FROM_MAIN, "Device preferring $1 cipher(s). Connection info: $C" },
	{ 725022, 7, FROM_WORKER, "Device skipping cipher : $1 - $2. Connection info: $C" },
	{ 725025, 6, FROM_MAIN, "SSL Pre-auth connection rate limit hit high watermark" },
	{ 734001, 6, FROM_MAIN, "DAP: User $U, Addr $P, Connection AnyConnect: The following DAP records were selected for this connection: DfltAccessPolicy" },
	{ 737006, 6, FROM_MAIN, "IPAA: Session=$S, Local pool request succeeded for tunnel-group '$T'" },
	{ 737007, 5, FROM_MAIN, "IPAA: Session=$S, Local pool request failed for tunnel-group '$T'" },
	{ 737012, 4, FROM_MAIN, "IPAA: Session=$S, Address assignment failed" },
	{ 737013, 4, FROM_MAIN, "IPAA: Session=$S, Error freeing address $2, not found" },
	{ 737016, 6, FROM_MAIN, "IPAA: Session=$S, Freeing local pool $1 address $2" },
	{ 737019, 4, FROM_MAIN, "IPAA: Session=$S, Unable to get address from group-policy or tunnel-group local pools" },
	{ 737026, 6, FROM_MAIN, "IPAA: Session=$S, Client assigned $2 from local pool $1" },
	{ 737033, 4, FROM_MAIN, "IPAA: Session=$S, Unable to assign AAA provided IP address ($1) to client. This IP address is already in use" },
	{ 737200, 7, FROM_MAIN, "VPNFIP: Pool=$1, Allocated $2 from pool" },
	{ 737201, 7, FROM_MAIN, "VPNFIP: Pool=$1, Returned $2 to pool (recycle=TRUE)" },
};

static int
number_order(const void *key, const void *row)
{
	unsigned number = *(const unsigned *)key, other = ((const struct asa_message *)row)->number;

	return number < other ? -1 : number > other;
}

const struct asa_message *
asa_message_find(unsigned number)
{
	return bsearch(&number, messages, sizeof(messages) / sizeof(messages[0]), sizeof(messages[0]), number_order);
}

/* The first three digits of a number say its class. */
static const struct {
	unsigned first, last;
	const char *class;
} classes[] = {
	{ 109, 109, "auth" }, { 111, 112, "config" }, { 113, 113, "auth" }, { 208, 208, "config" }, { 308, 308, "config" },
	{ 711, 711, "sys" }, { 713, 715, "vpn" }, { 716, 716, "webvpn" }, { 717, 717, "ca" }, { 718, 718, "vpnlb" },
	{ 722, 722, "svc" }, { 725, 725, "ssl" }, { 730, 730, "vm" }, { 734, 734, "dap" }, { 735, 735, "sys" },
	{ 737, 737, "ipaa" },
};

const char *
asa_message_class(unsigned number)
{
	for (size_t i = 0; i < sizeof(classes) / sizeof(classes[0]); i++) {
		if (number / 1000 >= classes[i].first && number / 1000 <= classes[i].last)
			return classes[i].class;
	}
	return "";
}
