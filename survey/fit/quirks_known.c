/*
 * What is known of servers, as text that quirks_parse reads and msurvey
 * --show-quirks prints, so that a user starts his own file from it.  It is
 * compiled in, and not a file beside the program: a survey on a machine
 * where nothing is installed shall know as much.  Each stanza tells where
 * its knowledge comes from: "measured" was tried by us, #N and "FAQ" are
 * imapsync's issues and its FAQ.d, other projects are named.
 */
#include "quirks.h"

static const char *const known[] = {
	"[Gmail]\n"
	"match capability X-GM-EXT-1\n"
	"match host *.gmail.com\n"
	"match host *.googlemail.com\n"
	"# FAQ.Messages_Too_Big; APPENDLIMIT says the same\n"
	"message-max 35651584\n"
	"# FAQ.Gmail; 15 connections: #61\n"
	"day-in 500M\n"
	"day-out 2500M\n"
	"connections-max 15\n"
	"# \"NO [CANNOT] Folder contains excess whitespace\", FAQ.Gmail; a\n"
	"# label has 225 characters at most\n"
	"folders edges blanks case\n"
	"forbids ^\"\\\n"
	"path-max 225\n"
	"reserved [Gmail]\n"
	"reserved Sent\n"
	"reserved Drafts\n"
	"reserved Trash\n"
	"reserved Spam\n"
	"reserved Starred\n"
	"reserved Important\n"
	"# FAQ.Gmail: \"accept and throw away\"; wildduck's wiki: replaced\n"
	"changes copy any\n"
	"level mime\n"
	"note A folder is a label: the same mail in two folders is kept once, "
	"and All Mail holds everything.\n"
	"note White space in Received is changed: an audit proves MIME "
	"content.\n"
	"note IMAP shows only so many messages a folder as the user's "
	"settings say (Settings, Forwarding and POP/IMAP).\n"
	"note Passwords work as app passwords only; else XOAUTH2.\n",

	"[Office 365]\n"
	"match host outlook.office365.com\n"
	"match host *.outlook.com\n"
	"match host outlook.office.com\n"
	"# FAQ.Office365: 45 MB unless an administrator sets up to 150 MB\n"
	"message-max 45M\n"
	"# FAQ.Office365: 3,600 messages and 300 MB an hour\n"
	"hour-in 3600\n"
	"day-in 7200M\n"
	"# #239, #327: lines of 10,239 to 10,500 are refused\n"
	"line-max 10238\n"
	"refuses nul\n"
	"changes any\n"
	"folders case edges slash\n"
	"# \"NO Folder name is reserved\", FAQ.Office365\n"
	"reserved Files\n"
	"reserved Conversation History\n"
	"reserved Sync Issues\n"
	"level mime\n"
	"note Mail is stored as MAPI: sizes are estimates, headers and MIME "
	"are made anew.\n"
	"note \\Flagged is forgotten by APPEND, and set once more by mrestore "
	"when it sees that; $MDNSent becomes a category.\n"
	"note It closes a connection after 10 errors, and asks for pauses in "
	"milliseconds, which mbackup and mrestore wait for.\n"
	"note Folders with '/' in their names are not listed (#335): compare "
	"with the web.\n"
	"note Passwords are off: use token-cmd: (a token lives for an hour).\n",

	"[Exchange]\n"
	"match software *Microsoft Exchange*\n"
	"# FAQ.Exchange: 10 MB unless three places are changed; lines over\n"
	"# 9,900 are refused\n"
	"message-max 10M\n"
	"line-max 9900\n"
	"refuses nul\n"
	"changes any\n"
	"# \"Mailbox already exists\"; blanks at the end crash 2007 (#154)\n"
	"folders case edges slash\n"
	"reserved Conversation History\n"
	"reserved Sync Issues\n"
	"level mime\n"
	"note 'NO Server Unavailable. 15' means that the quota is full.\n"
	"note Dates are lost before Exchange 2010 SP2 RU5.\n"
	"note Sizes are estimates; headers and MIME are made anew.\n",

	"[Yahoo]\n"
	"match host *.mail.yahoo.com\n"
	"match host *.mail.yahoo.co.jp\n"
	"match host imap.aol.com\n"
	"# 10,000 messages a folder: bichon #271; APPEND without a final CRLF\n"
	"# is BAD: #209, MailKit #251; \\Deleted is refused: #420\n"
	"listed-max 10000\n"
	"changes no-end\n"
	"no-flag \\Deleted\n"
	"note It shows at most 10,000 messages a folder: older ones cannot be "
	"read by IMAP.\n"
	"note Passwords work as app passwords only.\n",

	"[iCloud]\n"
	"match host imap.mail.me.com\n"
	"match host *.imap.mail.me.com\n"
	"note Passwords work as app passwords only.\n",

	"[Cyrus]\n"
	"match software *Cyrus*\n"
	"# imap/message.c, message_copy_strict; pull request #5582\n"
	"refuses nul bare-lf bad-header\n"
	"changes 8bit-header\n"
	"# MAX_MAILBOX_NAME\n"
	"path-max 490\n"
	"note 8-bit header bytes become 'X' (munge8bit), or the message is "
	"refused (reject8bit): ask the administrator.\n"
	"note An administrator logs in for a user with --auth-user, and needs "
	"the ACL to write.\n",

	"[Courier]\n"
	"match software *Courier*\n"
	"match software *Double Precision*\n"
	"note Parents without mail cannot be selected; folders lie below "
	"INBOX.\n",

	"[Dovecot]\n"
	"match software *Dovecot*\n"
	"# measured on 2.3.19: NUL is stored as 0x80, LF as CRLF, one CR of\n"
	"# CR CR LF and a CR at the very end go; an empty message: \"Can't\n"
	"# save a zero byte message\"; 26 keywords have letters in Maildir's\n"
	"# file names, more are lost there\n"
	"refuses empty\n"
	"changes nul bare-lf bare-cr\n"
	"keywords-max 26\n"
	"# mail_max_userip_connections\n"
	"connections-max 10\n"
	"# a file system's 255 octets; more with sdbox\n"
	"name-max 255\n"
	"folders not-utf7\n"
	"note user*master logs in as an administrator for a user.\n"
	"note Where mail lies as Maildir a folder keeps 26 keywords.\n",

	"[Zimbra]\n"
	"match software *Zimbra*\n"
	"# #498, FAQ.Zimbra: \"NO APPEND failed\"\n"
	"no-flag *:FLAG*\n"
	"changes 8bit-header\n"
	"folders case\n"
	"note 8-bit header bytes come back as '?'.\n",

	"[Domino]\n"
	"match software *Domino*\n"
	"# FAQ.Domino: no children of INBOX, Message-ID changes its domain\n"
	"folders inbox\n"
	"changes any\n"
	"level mime\n"
	"note Message-ID gets another domain; replicas may differ.\n",

	"[hMailServer]\n"
	"match software *hMailServer*\n"
	"# hmailserver #476: sizes are wrong; adds Return-Path\n"
	"changes any\n"
	"note Header fields are added, sizes are not those of the mail.\n",

	"[Proton Bridge]\n"
	"match software *Proton*\n"
	"match software *gluon*\n"
	"# proton-bridge #18, #27, #119, #220\n"
	"changes any\n"
	"level mime\n"
	"note MIME is made anew, parts are encoded as base64, UIDs change.\n",

	"[WildDuck]\n"
	"match software *WildDuck*\n"
	"match software *wd-server*\n"
	"changes any\n"
	"level mime\n"
	"note Attachments and multipart content are stored decoded: copies "
	"may not be exact (its documentation).\n",

	"[MailEnable]\n"
	"match software *MailEnable*\n"
	"changes any\n"
	"note Before 10.31 Message-ID gets another domain, and flags of APPEND "
	"are lost.\n",

	"[DavMail]\n"
	"match software *DavMail*\n"
	"changes any\n"
	"level mime\n"
	"note Exchange is behind it: its limits hold here, too.\n",
};

void
quirks_known(struct buf *text)
{
	size_t i;

	for (i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
		if (i > 0)
			buf_addc(text, '\n');
		buf_adds(text, known[i]);
	}
}
